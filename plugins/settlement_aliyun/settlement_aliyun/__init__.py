"""Alibaba Cloud Marketplace as a settlement channel."""
