"""What `lianxin doctor` looks at. Reads only; changes nothing, and asks the parts over their own doors."""
