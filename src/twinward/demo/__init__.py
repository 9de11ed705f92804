"""twinward.demo"""
