"""What `easymo payments` is made of."""
