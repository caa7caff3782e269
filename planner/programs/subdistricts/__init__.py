"""Subdistricts: whole communities around seats, within parents and band."""
