"""The prepaid enterprise account as a settlement channel."""
