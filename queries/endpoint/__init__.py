"""The SPARQL endpoint and the REST routes of the questions, over a pool of killable workers."""
