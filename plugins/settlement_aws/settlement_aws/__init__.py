"""AWS Marketplace as a settlement channel."""
