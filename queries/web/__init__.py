"""The pages: a relapse described and answered, questions, a SPARQL editor, every term to browse."""
