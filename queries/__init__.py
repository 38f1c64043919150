"""What is asked, and the faces: questions as text, the API over them, the command line."""
