"""Campaigns: published, launched, shown; commitments made public."""
