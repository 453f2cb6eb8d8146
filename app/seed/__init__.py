"""What a new database starts with: the catalog, the price plans, the agreement, the signing key, the demo users."""
