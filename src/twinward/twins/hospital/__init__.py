"""The hospital twin."""
