"""A live run carried out: what to ask next, how much at once, what comes home, what is stored, and how it ends.

The way of an answer, from the run's items to the database:

    items without an annotation
      |  feeding: a page is rendered, masked, hashed -------- already known? ---------------------.
      v                                                        (the cache: it costs nothing)      |
    sharing: the same request is asked once, the others wait for its answer <-- after storing --. |
      v                                                                                         | |
    questions: may one more be asked?  pace (how many at once), health (is the host there),     | |
      |                                purse (the cap), storer (is too much unstored)           | |
      v                                                                                         | |
    asking.asker: ask, step down the ladder where the host refuses the manner, parse            | |
      |                                                                                         | |
      |-- a failure: hosts.decide says retry (waits, holds no slot), record, wait, pause, stop  | |
      v                                                                                         | |
    harvest: annotation, error, or one of several votes (votes: the majority once all are in) <-|-'
      v                                                                                         |
    storing: one transaction every few milliseconds, with heartbeat, cancel and progress -------'
      v
    run_executor: done, cancelled, paused, failed, interrupted

All but storing and feeding happens on the run's event loop; those two share one thread, so that a page never misses
what the transaction before it stored. `common` is what the runs of one worker share: caps, limits of a host.
"""
