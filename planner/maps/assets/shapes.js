// Shapes out of the short text that the page holds them in, as GeoJSON.
plannerParts.push(function (planner) {
  "use strict";
  const TYPES = { O: "Point", L: "LineString", P: "Polygon", o: "MultiPoint", l: "MultiLineString", p: "MultiPolygon" };

  function line(text) {
    const spots = [];
    const at = [0, 0];
    let axis = 0, value = 0, shift = 0;
    for (let i = 0; i < text.length; i += 1) {
      const bits = text.charCodeAt(i) - 63;
      value += (bits & 31) * 2 ** shift;
      shift += 5;
      if (bits >= 32) continue;
      at[axis] += value % 2 ? -(value + 1) / 2 : value / 2;
      if (axis) spots.push([at[0] / 1e6, at[1] / 1e6]);
      axis = 1 - axis;
      value = shift = 0;
    }
    return spots;
  }

  planner.shapeOf = function (text) {
    const type = TYPES[text[0]];
    const parts = text.slice(1).split("!").map((part) => part.split(";").map(line));
    if (type.endsWith("Point")) return { type, coordinates: type === "Point" ? parts[0][0][0] : parts.map((part) => part[0][0]) };
    if (type.endsWith("LineString")) return { type, coordinates: type === "LineString" ? parts[0][0] : parts.map((part) => part[0]) };
    return { type, coordinates: type === "Polygon" ? parts[0] : parts };
  };
});
