"""What people read, in other languages than English, and the program that finds it."""
