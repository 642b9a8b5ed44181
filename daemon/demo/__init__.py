"""`zlcp demo`: the main job end to end with nothing to configure. show.py runs it, servers.py embeds the mail servers, mails.py invents the mails."""
