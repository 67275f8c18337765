"""The follow-along: five steps from one page of JSON to pictures in the same table.

Each check opens a museum of its own, so that what it finds does not depend on the network, nor on what the attendee's
museum was asked before.
"""

from classroom.checks.follow_along import all_pages, first_page, incremental, pictures, polite

STEPS = (first_page.CHECK, all_pages.CHECK, polite.CHECK, incremental.CHECK, pictures.CHECK)
