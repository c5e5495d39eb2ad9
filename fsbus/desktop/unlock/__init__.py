"""The first screen: opens the store of this laptop, or makes one."""
