"""Coupons, and the discounts that accounts have by them."""
