"""Documents of a stored plan: workbook, GeoPackage, report and notices."""
