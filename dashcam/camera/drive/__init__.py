"""What the synthetic drive looks like: sky and hills, a road in perspective, trees, posts, cars, and a dashboard.

Everything costly is drawn once, when a Scene is made; a picture is then put together from slices of it.
"""
