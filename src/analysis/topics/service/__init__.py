"""What accounts get, against what was agreed and what they want."""
