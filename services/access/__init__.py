"""Signing in: sessions, passwords, the rules an administrator sets."""
