"""HTTP only: three groups of users, one app. No rule of the law lives here."""
