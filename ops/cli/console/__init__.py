"""What commands print: tables, progress, errors and questions."""
