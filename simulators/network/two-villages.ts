/** An EPANET network to try things with: two villages of three junctions off one main. */
export const TWO_VILLAGES = `[JUNCTIONS]
a1 10 1
a2 10 2
a3 10 1
b1 12 1
b2 12 2
b3 12 1
[RESERVOIRS]
plant 60
[PIPES]
m plant a1 500 200 130 0 Open
p1 a1 a2 100 150 130 0 Open
p2 a2 a3 100 150 130 0 Open
link a1 b1 900 150 130 0 Open
q1 b1 b2 100 100 130 0 Open
q2 b2 b3 100 100 130 0 Open
[COORDINATES]
a1 0 0
a2 100 0
a3 200 0
b1 0 900
b2 100 900
b3 200 900
plant -500 0
[OPTIONS]
Units CMH
Headloss H-W
[END]`
