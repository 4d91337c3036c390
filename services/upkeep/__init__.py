"""Whether the installation is well: health, incidents, the audit log."""
