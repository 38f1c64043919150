"""What follows: the OWL definitions, judged by HermiT and compiled into tables that answer."""
