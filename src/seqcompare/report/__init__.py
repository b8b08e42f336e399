"""Results as figures, tables, sentences and one page. Changes no result.

May import core and statistics. Words stand in texts/, a file a language.
"""
