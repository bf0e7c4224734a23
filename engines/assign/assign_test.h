/* assign_test.h — the groups of one test program. SPDX-License-Identifier: Apache-2.0 */
#ifndef PELAGO_ASSIGN_TEST_H
#define PELAGO_ASSIGN_TEST_H

int assign_property_tests(void); /* number of failures */

#endif
