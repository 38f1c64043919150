"""What is known: OWL modules and curated tables as text, and the two modules that open them."""
