/* SPDX-License-Identifier: Apache-2.0 */
// iostream: C++ with exceptions, containers and streams, as a judged program has them.
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>

int main()
{
	std::map<std::string, int> counts;
	std::string word;

	while (std::cin >> word)
		counts[word]++;
	try {
		throw std::runtime_error("caught");
	} catch (const std::exception &e) {
		std::cout << e.what() << '\n';
	}
	for (const auto &[key, n] : counts)
		std::cout << key << ' ' << n << '\n';
}
