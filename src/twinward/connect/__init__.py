"""twinward.connect"""
