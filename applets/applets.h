/* applets.h - the one list of programs in this executable
 *
 * Layer: applets.  Expanded into prototypes, the dispatch table and the list that an unknown name
 * gets (S000-FR-001).  Sorted by name.
 */
#ifndef OC_APPLETS_H
#define OC_APPLETS_H

/* APPLET(identifier, "name", "what it is") */
#define APPLET_LIST(APPLET) \
	APPLET(outcall, "outcall", "operator's command line: bridge, rules, jail, status") \
	APPLET(outcall_agent, "outcall-agent", "shim inside containers and jails") \
	APPLET(outcalld, "outcalld", "the daemon: bridge, policy, DNS filter, proxy")

#define APPLET_PROTOTYPE(id, name, what) int id##_main(int argc, char **argv);
APPLET_LIST(APPLET_PROTOTYPE)
#undef APPLET_PROTOTYPE

#endif
