"""Mobility: rides nearby, planned trips, drivers who go online, and the life of a trip.

What waits for others, and where it will be joined on:

- Insurance documents. `rules.driving.insurance_gap` decides, and says "not required yet"; the column
  `drivers.insured_until` waits for what the insurance domain will publish.

Notices to people who have been silent for 24 hours need templates that Meta approved; they are defined in
`infra/whatsapp/templates.json`.
"""
