"""What staff suspend."""
