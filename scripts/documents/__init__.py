"""The documents that are made from the code: AsyncAPI, the pages of the site."""
