"""twinward.models"""
