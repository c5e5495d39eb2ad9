"""All visits: any period, narrowed and sorted."""
