"""Safe by default: who is asking, what they may do, and a trail of what they did."""
