/* parse.h - the three answers of an incremental parser
 *
 * Layer: wire.
 */
#ifndef OC_WIRE_PARSE_H
#define OC_WIRE_PARSE_H

enum parse {
	PARSE_BAD = 0,	/* refused for good: more input cannot help */
	PARSE_MORE,	/* fine so far, not complete */
	PARSE_DONE,
};

#endif
