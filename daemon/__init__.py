"""The intake daemon: a mailbox is watched, each mail judged by a published notice, each applicant answered once.

A map. Read intake.py first: it is the way of one mail.
  collect.py, intake.py, deliver.py   the three steps: mailbox -> kept mail -> record and reply -> applicant
  junk.py                             what lies in the junk folder: noted, never answered
  world.py, rounds.py, schedule.py    what the steps touch, one pass of them, and the clock
  jobs.py                             the same steps, called by the workers of several machines
  mail/                               the mail servers, the letter reader, the letters we write
  documents/                          attachments: unpacked, sniffed, read, in a limited child process
  digest.py, register.py              what the staff read
  cli.py, settings.py, check.py, demo.py, logs.py
Rules are in rules/ (pure), records in storage/.
"""
