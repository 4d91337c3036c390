"""What is made public: results, rankings, publicity, who answers for whom."""
