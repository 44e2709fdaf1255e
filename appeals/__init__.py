"""Appeals: administrative appeal to the prosecutor, court appeal, the dossier, and the outcome that flows back."""
