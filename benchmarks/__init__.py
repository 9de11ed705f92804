"""What Twinward is held against: peers run beside it in the same process."""
