"""What the regions of an inventory hold at minimum, typical and full scale, and what gives out first."""
