"""What the clinic's page rehearses on twins of one person: insulin, treatment of a tumour."""
