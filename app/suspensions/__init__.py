"""What staff suspend, and reinstate: an account, a license or a deployment."""
