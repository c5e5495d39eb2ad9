"""The exchange by USB stick, as a part of the sync panel."""
