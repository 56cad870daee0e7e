"""Cases (工单): the form, drafts, search; orders, clocks and callbacks come here."""
